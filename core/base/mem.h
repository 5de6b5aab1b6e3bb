/* Allocation that does not fail: out of memory ends the process with a message (see arena.h for why). Free with free(). */
#pragma once
#include <stddef.h>

void *mem_alloc(size_t bytes);
void *mem_zalloc(size_t bytes);
void *mem_realloc(void *p, size_t bytes);
void *mem_array(size_t count, size_t size); /* zeroed, overflow-checked */
char *mem_strdup(const char *text);         /* NULL stays NULL */
char *mem_strndup(const char *text, size_t len);
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void mem_die(size_t bytes) __attribute__((noreturn));
