/* Owns hex. Pure functions, called from every thread. */
#include "crypto/encode.h"
#include <string.h>

char *crypto_hex(const void *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *in = bytes;

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[in[i] >> 4];
        out[2 * i + 1] = digits[in[i] & 15];
    }
    out[2 * len] = '\0';
    return out;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int crypto_hex_decode(const char *text, void *out, size_t len, struct err *err)
{
    unsigned char *bytes = out;

    if (strnlen(text, 2 * len + 1) != 2 * len)
        return err_set(err, ERR_BAD_VALUE, "not hex of %zu bytes: %zu digits are needed", len, 2 * len);
    for (size_t i = 0; i < 2 * len; i++)
        if (hex_value(text[i]) < 0)
            return err_set(err, ERR_BAD_VALUE, "not hex: character %zu is no digit", i + 1);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (unsigned char)(hex_value(text[2 * i]) << 4 | hex_value(text[2 * i + 1]));
    return 0;
}
