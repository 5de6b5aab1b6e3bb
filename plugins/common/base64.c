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

static int digit(char c)
{
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

char *base64_decode(const char *base64)
{
    size_t used = 0, bits = 0, characters = 0;
    unsigned buffer = 0;
    char *out = malloc(strlen(base64) / 4 * 3 + 4);

    if (!out)
        return NULL;
    for (; *base64 && *base64 != '='; base64++) {
        int value = digit(*base64);

        if (strchr(" \t\r\n", *base64))
            continue;
        if (value < 0)
            break;
        buffer = buffer << 6 | (unsigned)value;
        bits += 6;
        characters++;
        if (bits >= 8) {
            bits -= 8;
            out[used++] = (char)(buffer >> bits & 0xff);
            buffer &= (1u << bits) - 1;
        }
    }
    out[used] = '\0';
    base64 += strspn(base64, "= \t\r\n");
    if (*base64 || characters % 4 == 1 || strlen(out) != used) {
        explicit_bzero(out, used);
        free(out);
        return NULL;
    }
    return out;
}
