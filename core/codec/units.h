/* Quantities, durations and byte sizes as users write them. Any thread. */
#pragma once
#include "base/err.h"
#include <stdint.h>

/* "30s", "5m", "1h30m", "24h", "500ms", "2d"; a bare number is an error that says so. Errors: ERR_DURATION. */
int duration_parse(const char *text, int64_t *out_ms, struct err *err);
/* "1h30m", "250ms", "2d", "36h": a text that duration_parse reads back; days only when no hours stand beside them. */
const char *duration_format(int64_t ms, char out[static 32]);

/* Kubernetes quantities: "128Mi", "1.5Gi", "500m", "2", "64MiB" (accepted for byte sizes). Value in thousandths. Errors: ERR_QUANTITY with
 * a suggestion in the message for MB, GB, mb ... */
int quantity_parse(const char *text, int64_t *out_milli, struct err *err);
/* The same as whole bytes, at least 0. Errors: ERR_QUANTITY. */
int bytes_parse(const char *text, int64_t *out_bytes, struct err *err);
/* What was probably meant by a text that is no quantity: "write 128M (megabytes) or 128Mi (mebibytes)" for "128MB". NULL if nothing
 * comes to mind; otherwise `out`. */
const char *quantity_hint(const char *text, char out[static 128]);
