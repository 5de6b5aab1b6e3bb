/* What the fuzz targets share. A target is one file with LLVMFuzzerTestOneInput; libFuzzer, AFL++ or driver.c calls it (README.md).
 * Targets are deterministic, keep nothing between two inputs and free everything. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever the input is; ends the process, so that the input is kept as a finding. */
#define FUZZ_CHECK(condition)                                                                                                              \
    do {                                                                                                                                   \
        if (!(condition)) {                                                                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);                                                 \
            abort();                                                                                                                       \
        }                                                                                                                                  \
    } while (0)

/* An input of two parts, divided by the first NUL byte: the part before it as text (NUL-terminated, free()), the rest. Without a NUL the
 * first part is all. */
static inline char *fuzz_split(const uint8_t *data, size_t size, const char **rest, size_t *rest_len)
{
    char *text = malloc(size + 1);
    size_t first = 0;

    if (!text)
        abort();
    while (first < size && data[first])
        first++;
    for (size_t i = 0; i < size; i++)
        text[i] = (char)data[i];
    text[size] = '\0';
    *rest = first < size ? text + first + 1 : text + size;
    *rest_len = first < size ? size - first - 1 : 0;
    return text;
}
