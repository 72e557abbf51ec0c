/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line as all commands read it: what was typed is what the form gets, and
 * what is wrong runs nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "cli/options.h"

static int runs;
static char seen[256]; /* what the form saw, as text */

static int
run(const struct options *options)
{
    const char *data = options_value(options, "data");

    runs++;
    snprintf(seen, sizeof(seen), "%s|data=%s|json=%d|p=%zu:%s,%s|args=%zu:%s",
             options->command, data ? data : "-", options_has(options, "json"),
             options_count(options, "permission"),
             options_count(options, "permission") > 0
                 ? options_value_at(options, "permission", 0)
                 : "-",
             options_count(options, "permission") > 1
                 ? options_value_at(options, "permission", 1)
                 : "-",
             options->argument_count,
             options->argument_count > 0 ? options->arguments[0] : "-");
    return 7;
}

static const struct form_option OPTIONS[] = {
    OPTION_DATA,
    OPTION_JSON,
    {"title", "TITLE", "a title", true, false},
    {"permission", "P", "a permission", false, true},
};

static const struct form FORMS[] = {
    {"make", "[ID]", 0, 1, "make one", OPTIONS, COUNT_OF(OPTIONS), run, NULL},
};

/* Runs `thing …` with these words; ends at NULL. */
#define TYPE(...) type_words((char *[]){(char[]){"thing"}, __VA_ARGS__, NULL})

static int
type_words(char **words)
{
    int count = 0;

    while (words[count])
        count++;
    runs = 0;
    return forms_run("thing", FORMS, COUNT_OF(FORMS), count, words);
}

#define W(text) ((char[]){text})

static void
test_values_come_in_both_spellings_and_any_order(void **state)
{
    (void)state;
    assert_int_equal(TYPE(W("make"), W("--title"), W("t"), W("id"), W("--data=x=y"),
                          W("--permission"), W("a"), W("--permission=b"), W("--json")),
                     7);
    assert_string_equal(seen, "thing make|data=x=y|json=1|p=2:a,b|args=1:id");
    assert_int_equal(TYPE(W("make"), W("--title="), W("-")), 7);
    assert_string_equal(seen, "thing make|data=-|json=0|p=0:-,-|args=1:-");
}

/* A value may look like an option; a word behind "--" may, too. */
static void
test_dashes_in_values_and_arguments(void **state)
{
    (void)state;
    assert_int_equal(TYPE(W("make"), W("--title"), W("--json"), W("--"), W("--help")), 7);
    assert_string_equal(seen, "thing make|data=-|json=0|p=0:-,-|args=1:--help");
}

static void
test_what_is_wrong_runs_nothing(void **state)
{
    (void)state;
    assert_int_equal(TYPE(W("make")), EXIT_ASKED_WRONGLY); /* --title is missing */
    assert_int_equal(TYPE(W("make"), W("--title")), EXIT_ASKED_WRONGLY);
    assert_int_equal(TYPE(W("make"), W("--title=t"), W("--titl=t")), EXIT_ASKED_WRONGLY);
    assert_int_equal(TYPE(W("make"), W("--title=t"), W("--titles=t")),
                     EXIT_ASKED_WRONGLY);
    assert_int_equal(TYPE(W("make"), W("--title=t"), W("-j")), EXIT_ASKED_WRONGLY);
    assert_int_equal(TYPE(W("make"), W("--title=t"), W("--json=yes")),
                     EXIT_ASKED_WRONGLY);
    assert_int_equal(TYPE(W("make"), W("--title=t"), W("--title=u")), EXIT_ASKED_WRONGLY);
    assert_int_equal(TYPE(W("make"), W("--title=t"), W("a"), W("b")), EXIT_ASKED_WRONGLY);
    assert_int_equal(TYPE(W("made"), W("--title=t")), EXIT_ASKED_WRONGLY);
    assert_int_equal(type_words((char *[]){W("thing"), NULL}), EXIT_ASKED_WRONGLY);
    assert_int_equal(runs, 0);
}

static void
test_help_runs_nothing_and_is_done(void **state)
{
    (void)state;
    assert_int_equal(TYPE(W("make"), W("--help")), EXIT_DONE);
    assert_int_equal(TYPE(W("make"), W("-h"), W("--wrong")), EXIT_DONE);
    assert_int_equal(TYPE(W("--help")), EXIT_DONE);
    assert_int_equal(runs, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_come_in_both_spellings_and_any_order),
        cmocka_unit_test(test_dashes_in_values_and_arguments),
        cmocka_unit_test(test_what_is_wrong_runs_nothing),
        cmocka_unit_test(test_help_runs_nothing_and_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
