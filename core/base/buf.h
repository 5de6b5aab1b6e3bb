/* A growing byte buffer with a maximum. Going over it sets a sticky flag that is tested once at the end, not at each append.
 * `data` is always NUL-terminated (the NUL does not count) once something was appended; buf_text() never returns NULL. */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data;
    size_t len, cap, max;
    bool overflow; /* an append did not fit; nothing of it was taken */
};

#define BUF_INIT(max_bytes) ((struct buf){.max = (max_bytes)})

void buf_fini(struct buf *b);
void buf_reset(struct buf *b); /* empties, keeps the memory */
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_add_text(struct buf *b, const char *text);
void buf_add_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
const char *buf_text(const struct buf *b);
char *buf_take(struct buf *b); /* hands over the text (free()); the buffer is empty afterwards */
