/* Owns base64, in both forms. Pure functions, called from every thread. */
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *const alphabets[] = {
    [BASE64_STANDARD] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    [BASE64_URL] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

size_t base64_encode_into(enum base64_form form, const void *bytes, size_t len, char *out)
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
            else if (form == BASE64_STANDARD)
                out[at++] = '=';
        }
    }
    out[at] = '\0';
    return at;
}

char *base64_encode_form(enum base64_form form, const void *bytes, size_t len)
{
    char *out;

    if (len > SIZE_MAX / 2)
        mem_die(len);
    out = mem_alloc(BASE64_CHARS(len));
    base64_encode_into(form, bytes, len, out);
    return out;
}

static int value_of(enum base64_form form, char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == (form == BASE64_STANDARD ? '+' : '-'))
        return 62;
    if (c == (form == BASE64_STANDARD ? '/' : '_'))
        return 63;
    return -1;
}

/* Takes the padding off: 0 with the number of characters that carry data, -1 when the length or the padding is wrong. */
static int data_chars(enum base64_form form, const char *text, size_t len, size_t *out)
{
    if (form == BASE64_STANDARD) {
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

int base64_decode_into(enum base64_form form, const char *text, size_t len, void *out, size_t max, size_t *out_len, struct err *err)
{
    unsigned char *bytes = out;
    unsigned group = 0;
    size_t chars, at = 0;

    if (data_chars(form, text, len, &chars) < 0)
        return err_set(err, ERR_BAD_VALUE, "not base64: length or padding is wrong");
    if (chars / 4 * 3 + (chars % 4 ? chars % 4 - 1 : 0) > max)
        return err_set(err, ERR_TOO_LARGE, "base64 of more than %zu bytes", max);
    for (size_t i = 0; i < chars; i++)
        if (value_of(form, text[i]) < 0)
            return err_set(err, ERR_BAD_VALUE, "not base64: character %zu is not in the alphabet", i + 1);
    /* Bits that the last character has too many must be 0, or several texts would mean the same bytes. */
    if (chars % 4 && (value_of(form, text[chars - 1]) & (chars % 4 == 2 ? 15 : 3)))
        return err_set(err, ERR_BAD_VALUE, "not base64: the last character has stray bits");
    for (size_t i = 0; i < chars; i++) {
        group = group << 6 | (unsigned)value_of(form, text[i]);
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

int base64_decode_form(enum base64_form form, const char *text, size_t len, size_t max_bytes, char **out, size_t *out_len, struct err *err)
{
    size_t room = len / 4 * 3 + 3, got;
    char *bytes = mem_alloc(room + 1);

    if (base64_decode_into(form, text, len, bytes, max_bytes < room ? max_bytes : room, &got, err) < 0) {
        free(bytes);
        return -1;
    }
    bytes[got] = '\0';
    *out = bytes;
    *out_len = got;
    return 0;
}

char *base64_encode(const void *bytes, size_t len) { return base64_encode_form(BASE64_STANDARD, bytes, len); }

int base64_decode(const char *text, char **out, size_t *out_len, struct err *err)
{
    CLEANUP(free_ptr) char *joined = mem_strdup(text);
    struct err why = {0};
    size_t len = 0;

    for (; *text; text++)
        if (*text != '\n' && *text != '\r')
            joined[len++] = *text;
    if (base64_decode_form(BASE64_STANDARD, joined, len, len, out, out_len, &why) < 0)
        return err_set(err, ERR_ENCODING, "not standard base64");
    return 0;
}

bool base64_is_valid(const char *text)
{
    CLEANUP(free_ptr) char *bytes = NULL;
    struct err ignored = {0};
    size_t len;

    return base64_decode(text, &bytes, &len, &ignored) == 0;
}
