/* The structured log of the process, on standard error: text for people, JSON for machines. With the metrics the only global state.
 * A function logs or returns an error, never both; only the API, the CLI and the workers log failures. Never log a secret. */
#pragma once

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_format { LOG_TEXT, LOG_JSON };

/* A field: key and value, both text; the last one has a NULL key. */
struct log_field {
    const char *key, *value;
};

void log_init(enum log_format format, enum log_level least);

/* Request id that every line of this thread carries until it is changed; copied (63 characters); NULL for none. */
void log_set_request(const char *request_id);

/* log_write(LOG_INFO, "store", LOGF({"path", path}), "opened in %d ms", ms); one write(2) a line, control characters escaped. Any thread.
 */
#define LOGF(...)                                                                                                                          \
    (const struct log_field[])                                                                                                             \
    {                                                                                                                                      \
        __VA_ARGS__, { 0, 0 }                                                                                                              \
    }
void log_write(enum log_level level, const char *module, const struct log_field *fields, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#define log_debug(module, ...) log_write(LOG_DEBUG, module, 0, __VA_ARGS__)
#define log_info(module, ...)  log_write(LOG_INFO, module, 0, __VA_ARGS__)
#define log_warn(module, ...)  log_write(LOG_WARN, module, 0, __VA_ARGS__)
#define log_error(module, ...) log_write(LOG_ERROR, module, 0, __VA_ARGS__)
