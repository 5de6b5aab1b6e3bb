/* The threads that wait on PostgreSQL: one receives and sends notifications, one waits for leadership and seals. They sleep in poll(2); an
 * idle store uses no CPU. SQLite has neither (one process, one writer). Never leaves this directory. */
#pragma once
#include "store/store_priv.h"

int watch_start(struct store *s, struct watch **out, struct err *err);
void watch_stop(struct watch *w); /* after the writers: sends what they left, seals, frees; NULL is fine */

/* The channel has a listener now; returns when the server knows, or after a while without a server. */
void watch_listen(struct watch *w, const char *channel);
/* Tells other processes, soon: notifications of many commits travel as one. Any thread. */
void watch_notify(struct watch *w, unsigned channels);
/* Something was committed: this process seals it if it leads, else the leader is told. With the store's mutex held. */
void watch_seal_wanted(struct watch *w);
/* There is a sealer now: this process is a candidate. */
void watch_stand(struct watch *w);
bool watch_leads(const struct watch *w);
