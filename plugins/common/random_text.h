/* Random texts for plugins: passwords, secret ids. */
#pragma once
#include <stddef.h>

/* `length` characters out of 62, each equally likely (bytes that would favour some are thrown away), and a NUL. 0, or an errno value. */
int random_text(char *out, size_t length);
