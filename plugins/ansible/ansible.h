/* The bundled plugin `ansible`: the step type of that name. ansible-playbook runs by host->exec; inventory, variables and keys go to it in
 * files of the call's private directory, which is wiped at its end, and never in its arguments or environment. */
#pragma once
#include "fields.h"
#include "files.h"
#include "tell.h"

#define ANSIBLE_VERSION "1.0.0"

/* One process of one admin-config entry. Texts may be NULL. */
struct ansible {
    char *binary, *playbooks;
    bool playbooks_only; /* nothing inline */
    json_t *vars, *env;  /* objects; NULL: none */
};

/* One run. */
struct play {
    struct ansible *self;
    const inno_host *host;
    inno_call *call;
    const json_t *config; /* of the step */
    const json_t *env;
    char playbook[FILES_PATH_BYTES];
    char task[300];     /* the one that runs */
    char problem[1000]; /* the first result that is a failure */
    json_t *hosts;      /* {host: {ok, changed, failures, unreachable, skipped}}; NULL: it never came so far */
    json_t *stats;      /* what set_stats said; NULL: nothing */
    size_t results;
};
void play_fini(struct play *play);

/* play.c: checks config, writes the files, runs it, and tells counts, outputs or the failure. */
inno_rc play_run(struct play *play);
/* ansible-playbook --version. */
inno_rc play_version(struct play *play);

/* callback.c: the text of the callback plugin that says what happens as one JSON object a line. */
extern const char callback_text[];

/* lines.c: one line of what ansible-playbook says. For inno_exec.on_line; ctx is the play. */
void play_line(void *ctx, int32_t stream, const char *text, uint64_t len);
/* *count of all hosts together. */
int64_t play_count(const struct play *play, const char *what);
