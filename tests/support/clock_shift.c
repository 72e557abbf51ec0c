/* SPDX-License-Identifier: Apache-2.0
 *
 * A machine whose clock somebody turns while programs run: loaded in front of the C
 * library (LD_PRELOAD), adds to the wall clock the seconds that the file CLOCK_SHIFT
 * holds, as eight bytes of this machine. Deadlines, by the monotonic clock, stay. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *shift_s;

__attribute__((constructor)) static void
open_shift(void)
{
    const char *path = getenv("CLOCK_SHIFT");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *bytes =
        fd >= 0 ? mmap(NULL, sizeof(*shift_s), PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;

    if (bytes != MAP_FAILED)
        shift_s = bytes;
    if (fd >= 0)
        close(fd);
}

int
clock_gettime(clockid_t which, struct timespec *out)
{
    int end = (int)syscall(SYS_clock_gettime, which, out);

    if (end == 0 && which == CLOCK_REALTIME && shift_s)
        out->tv_sec += (time_t)*shift_s;
    return end;
}
