/* Owns standard base64. Any thread; no state. */
#include "codec/base64.h"
#include "base/mem.h"
#include <stdint.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_encode(const void *bytes, size_t len)
{
    const unsigned char *in = bytes;
    char *out, *to;

    if (len > SIZE_MAX / 2)
        mem_die(len);
    out = to = mem_alloc((len + 2) / 3 * 4 + 1);
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t group = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) | (left > 2 ? in[i + 2] : 0);

        *to++ = alphabet[group >> 18];
        *to++ = alphabet[group >> 12 & 63];
        *to++ = left > 1 ? alphabet[group >> 6 & 63] : '=';
        *to++ = left > 2 ? alphabet[group & 63] : '=';
    }
    *to = '\0';
    return out;
}

/* Decodes into `out` (NULL: only counts). Returns the number of bytes, -1 for a text that is no base64. */
static long decode(const char *text, unsigned char *out)
{
    uint32_t group = 0;
    unsigned filled = 0, padding = 0;
    long count = 0;

    for (; *text; text++) {
        const char *found;

        if (*text == '\n' || *text == '\r')
            continue;
        found = *text == '=' ? alphabet : strchr(alphabet, *text);
        if (!found || (padding && *text != '='))
            return -1;
        padding += *text == '=';
        group = group << 6 | (uint32_t)(found - alphabet);
        if (++filled < 4)
            continue;
        if (padding > 2)
            return -1;
        for (unsigned i = 0; i < 3 - padding; i++, count++)
            if (out)
                out[count] = (unsigned char)(group >> (16 - 8 * i));
        filled = 0;
        group = 0;
        if (padding && text[1 + strspn(text + 1, "\r\n")]) /* nothing may follow the padding */
            return -1;
    }
    return filled ? -1 : count;
}

bool base64_is_valid(const char *text) { return decode(text, NULL) >= 0; }

int base64_decode(const char *text, char **out, size_t *out_len, struct err *err)
{
    long len = decode(text, NULL);

    if (len < 0)
        return err_set(err, ERR_ENCODING, "not standard base64");
    *out = mem_alloc((size_t)len + 1);
    decode(text, (unsigned char *)*out);
    (*out)[len] = '\0';
    *out_len = (size_t)len;
    return 0;
}
