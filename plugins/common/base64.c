/* Standard base64. Pure. */
#include "base64.h"
#include <stdlib.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

json_t *base64_text(const void *bytes, size_t len)
{
    const unsigned char *in = bytes;
    size_t size = (len + 2) / 3 * 4, used = 0;
    char *text = malloc(size + 1);
    json_t *value;

    if (!text)
        return NULL;
    for (size_t i = 0; i < len; i += 3) {
        unsigned group = (unsigned)in[i] << 16 | (i + 1 < len ? (unsigned)in[i + 1] << 8 : 0) | (i + 2 < len ? in[i + 2] : 0);

        text[used++] = digits[group >> 18 & 63];
        text[used++] = digits[group >> 12 & 63];
        text[used++] = i + 1 < len ? digits[group >> 6 & 63] : '=';
        text[used++] = i + 2 < len ? digits[group & 63] : '=';
    }
    value = json_stringn(text, used);
    explicit_bzero(text, size);
    free(text);
    return value;
}

long base64_length(const char *text, size_t len)
{
    size_t padding = len >= 1 && text[len - 1] == '=' ? (len >= 2 && text[len - 2] == '=' ? 2 : 1) : 0;

    if (len % 4 != 0 || len > 0x7fffffff)
        return -1;
    for (size_t i = 0; i < len - padding; i++)
        if (!text[i] || !strchr(digits, text[i]))
            return -1;
    return (long)(len / 4 * 3 - padding);
}
