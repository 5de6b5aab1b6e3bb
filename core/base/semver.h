/* Versions as semver.org 2.0.0 has them. Pure; any thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct semver {
    long long part[3];
    int parts;               /* how many of the three were written */
    const char *pre, *build; /* without the '-' and '+', NULL if none */
    size_t pre_len, build_len;
};

/* Reads "v1.2.3-pre+build" or a shorter start of it, up to `*at`, which moves behind it; the texts stay in the caller's. A part "x" or "*"
 * ends the version. False when there is none. */
bool semver_read(const char **at, struct semver *out);
/* By precedence: -1, 0, 1. The build does not count. */
int semver_compare(const struct semver *a, const struct semver *b);
/* True when both are versions and `a` comes after `b`. */
bool semver_is_newer(const char *a, const char *b);
