/* Owns hex and base64. Pure functions, called from every thread. */
#include "crypto/encode.h"
#include "base/mem.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char *const alphabets[] = {
    [CRYPTO_BASE64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    [CRYPTO_BASE64URL] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

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

size_t crypto_base64_into(enum crypto_base64_form form, const void *bytes, size_t len, char *out)
{
    const char *alphabet = alphabets[form];
    const unsigned char *in = bytes;
    size_t at = 0;

    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i < 3 ? len - i : 3;
        unsigned group = (unsigned)in[i] << 16 | (left > 1 ? (unsigned)in[i + 1] << 8 : 0u) | (left > 2 ? in[i + 2] : 0u);

        for (size_t c = 0; c < 4; c++) {
            if (c <= left)
                out[at++] = alphabet[group >> (18 - 6 * c) & 63];
            else if (form == CRYPTO_BASE64)
                out[at++] = '=';
        }
    }
    out[at] = '\0';
    return at;
}

char *crypto_base64(enum crypto_base64_form form, const void *bytes, size_t len)
{
    char *out = mem_alloc(CRYPTO_BASE64_CHARS(len));

    crypto_base64_into(form, bytes, len, out);
    return out;
}

static int base64_value(enum crypto_base64_form form, char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == (form == CRYPTO_BASE64 ? '+' : '-'))
        return 62;
    if (c == (form == CRYPTO_BASE64 ? '/' : '_'))
        return 63;
    return -1;
}

/* Takes the padding off: 0 with the number of characters that carry data, -1 when the length or the padding is wrong. */
static int base64_data_chars(enum crypto_base64_form form, const char *text, size_t len, size_t *out)
{
    if (form == CRYPTO_BASE64) {
        if (len % 4 != 0)
            return -1;
        for (int i = 0; i < 2 && len > 0 && text[len - 1] == '='; i++)
            len--;
    }
    if (len % 4 == 1)
        return -1;
    *out = len;
    return 0;
}

int crypto_base64_decode_into(enum crypto_base64_form form, const char *text, size_t len, void *out, size_t max, size_t *out_len,
                              struct err *err)
{
    unsigned char *bytes = out;
    unsigned group = 0;
    size_t chars, at = 0;

    if (base64_data_chars(form, text, len, &chars) < 0)
        return err_set(err, ERR_BAD_VALUE, "not base64: length or padding is wrong");
    if (chars / 4 * 3 + (chars % 4 ? chars % 4 - 1 : 0) > max)
        return err_set(err, ERR_TOO_LARGE, "base64 of more than %zu bytes", max);
    for (size_t i = 0; i < chars; i++)
        if (base64_value(form, text[i]) < 0)
            return err_set(err, ERR_BAD_VALUE, "not base64: character %zu is not in the alphabet", i + 1);
    /* Bits that the last character has too many must be 0, or several texts would mean the same bytes. */
    if (chars % 4 && (base64_value(form, text[chars - 1]) & (chars % 4 == 2 ? 15 : 3)))
        return err_set(err, ERR_BAD_VALUE, "not base64: the last character has stray bits");
    for (size_t i = 0; i < chars; i++) {
        group = group << 6 | (unsigned)base64_value(form, text[i]);
        if (i % 4 == 3) {
            bytes[at++] = (unsigned char)(group >> 16);
            bytes[at++] = (unsigned char)(group >> 8);
            bytes[at++] = (unsigned char)group;
        }
    }
    if (chars % 4 == 2) {
        bytes[at++] = (unsigned char)(group >> 4);
    } else if (chars % 4 == 3) {
        bytes[at++] = (unsigned char)(group >> 10);
        bytes[at++] = (unsigned char)(group >> 2);
    }
    *out_len = at;
    return 0;
}

int crypto_base64_decode(enum crypto_base64_form form, const char *text, size_t len, size_t max_bytes, char **out, size_t *out_len,
                         struct err *err)
{
    size_t room = len / 4 * 3 + 3, got;
    char *bytes = mem_alloc(room + 1);

    if (crypto_base64_decode_into(form, text, len, bytes, max_bytes < room ? max_bytes : room, &got, err) < 0) {
        free(bytes);
        return -1;
    }
    bytes[got] = '\0';
    *out = bytes;
    *out_len = got;
    return 0;
}
