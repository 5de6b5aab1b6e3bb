/* What the tests share: a host in this process, and a gateway that plays a script. */
#ifndef HARNESS_H
#define HARNESS_H

#include <innominatus/provisioner.h>
#include <stddef.h>

/* ---- checks ---- */

extern int failures;
void check_(int ok, const char *what, const char *file, int line);
#define CHECK(condition) check_(!!(condition), #condition, __FILE__, __LINE__)
void check_contains_(const char *text, const char *part, const char *file, int line);
#define CHECK_CONTAINS(text, part) check_contains_(text, part, __FILE__, __LINE__)
/* Runs one test and prints its TAP line. */
void run_test(const char *name, void (*test)(void));

/* ---- the host ---- */

struct inno_call {
    char outputs[2000], hints[2000], secrets[2000]; /* "key=value\n" each */
    char state[500], status[40], status_text[300], failure[1000];
    inno_rc failed, state_answer;
    int canceled;
    int64_t deadline_ms;
    void *memory[200];
    size_t memory_count;
};
extern struct inno_call call; /* of the last slot */

/* Opens the plugin with {"endpoint": ..., "token": ..., "timeout": "2s"} or any other config. */
inno_rc plugin_open(const char *config);
void plugin_close(void);

enum slot { PROVISION, DEPROVISION, STATUS, HINTS, HEALTH };
struct about {
    const char *params, *state, *team, *uid, *key;
};
inno_rc run_slot(enum slot slot, const struct about *about);
/* For the next slot alone. */
void next_call(int canceled, int64_t deadline_ms, inno_rc state_answer);

/* ---- the scripted gateway ---- */

/* Listens on a free loopback port and answers the n-th connection with the n-th text (NULL ends the list; the text "" closes without an
 * answer, "hang" waits until the client goes). Returns the port. */
int gateway_start(const char *const *answers);
/* Waits for the thread and gives what the requests were, one after the other. Valid until the next start. */
const char *gateway_stop(void);

#define JSON_ANSWER(status, body) "HTTP/1.1 " status "\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" body

#endif
