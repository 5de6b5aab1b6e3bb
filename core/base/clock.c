/* Clocks and RFC 3339. Any thread. */
#include "base/clock.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * US_PER_SEC + ts.tv_nsec / 1000;
}

#ifdef INNO_FAILPOINTS
static atomic_llong own_offset;
static atomic_llong *offset = &own_offset;
static pthread_once_t offset_once = PTHREAD_ONCE_INIT;

static void map_offset(void)
{
    const char *path = getenv("INNOMINATUS_CLOCK_OFFSET");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *shared = fd >= 0 ? mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;

    if (fd >= 0)
        close(fd);
    if (shared != MAP_FAILED)
        offset = shared;
}

void clock_jump(int64_t offset_us) { atomic_store(&own_offset, offset_us); }

int64_t clock_now_us(void)
{
    pthread_once(&offset_once, map_offset);
    return read_clock(CLOCK_REALTIME) + atomic_load_explicit(offset, memory_order_relaxed);
}
#else
void clock_jump(int64_t offset_us) { (void)offset_us; }
int64_t clock_now_us(void) { return read_clock(CLOCK_REALTIME); }
#endif
int64_t clock_mono_us(void) { return read_clock(CLOCK_MONOTONIC); }

/* The largest difference between wall clock and monotonic clock seen so far: when the wall clock is set back, it stays. */
static atomic_llong steady_ahead;

static int64_t raise_ahead(int64_t ahead)
{
    long long seen = atomic_load(&steady_ahead);

    while (ahead > seen && !atomic_compare_exchange_weak(&steady_ahead, &seen, ahead))
        ;
    return ahead > seen ? ahead : seen;
}

int64_t clock_steady_us(void)
{
    int64_t mono = clock_mono_us();

    return mono + raise_ahead(clock_now_us() - mono);
}

void clock_steady_raise(int64_t us) { raise_ahead(us - clock_mono_us()); }

const char *clock_format(int64_t us, char out[static CLOCK_TEXT_BYTES])
{
    int64_t sec = us / US_PER_SEC, rest = us % US_PER_SEC;
    time_t t;
    struct tm tm;

    if (rest < 0) {
        rest += US_PER_SEC;
        sec--;
    }
    t = (time_t)sec;
    if (!gmtime_r(&t, &tm) || tm.tm_year > 8099 || tm.tm_year < -900) { /* years of four digits */
        snprintf(out, CLOCK_TEXT_BYTES, "invalid-time");
        return out;
    }
    strftime(out, CLOCK_TEXT_BYTES, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + 19, CLOCK_TEXT_BYTES - 19, ".%06dZ", (int)rest);
    return out;
}

/* "2026-01-31T12:00:00", each part with all its digits and a day that exists: strptime alone would take less, and turn it into another
 * time. Returns what follows, NULL when it is none. */
static const char *parse_seconds(const char *text, int64_t *out_sec)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:dd";
    struct tm tm = {0}, same;
    time_t sec;

    for (size_t i = 0; i < sizeof shape - 1; i++)
        if (shape[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i])
            return NULL;
    if (!strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) || tm.tm_year < -900)
        return NULL;
    same = tm;
    sec = timegm(&same);
    if (same.tm_mday != tm.tm_mday || same.tm_sec != tm.tm_sec)
        return NULL;
    *out_sec = sec;
    return text + sizeof shape - 1;
}

int clock_parse(const char *text, int64_t *out_us, struct err *err)
{
    int64_t sec = 0;
    const char *at = parse_seconds(text, &sec);
    int64_t fraction = 0;
    int digits = 0;

    if (at && *at == '.')
        for (at++; *at >= '0' && *at <= '9' && digits < 6; at++, digits++)
            fraction = fraction * 10 + (*at - '0');
    if (!at || strcmp(at, "Z") != 0)
        return err_set(err, ERR_BAD_VALUE, "\"%.40s\" is no time in RFC 3339, UTC (2026-01-31T12:00:00Z)", text);
    for (; digits < 6; digits++)
        fraction *= 10;
    *out_us = sec * US_PER_SEC + fraction;
    return 0;
}
