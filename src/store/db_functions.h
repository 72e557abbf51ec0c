/* SPDX-License-Identifier: Apache-2.0
 *
 * What our SQL calls and SQLite does not have. PostgreSQL has strpos() of its own, and
 * gets fold() in its migrations. For db_sqlite.c only. */
#ifndef STORE_DB_FUNCTIONS_H
#define STORE_DB_FUNCTIONS_H

#include <sqlite3.h>

/* Makes them known to a connection; gives SQLite's code. */
int db_functions_add(sqlite3 *sqlite);

#endif
