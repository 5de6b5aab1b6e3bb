/* Inside core/config: the configuration with its owner, and how its tables are read. */
#pragma once
#include "config/admin_config.h"

struct config_owner {
    struct admin_config config; /* first: the public pointer is this one */
    struct arena arena;
    const struct node *root; /* of the file; a NODE_NULL for the defaults */
    json_t *view, *lines;
    json_t *held; /* array: owns the JSON values that the configuration points to */
    bool frozen;  /* held is frozen and owns view and lines too */
};

/* One unit of reading. */
struct config_read {
    struct config_owner *owner;
    struct admin_config *config;
    struct arena *arena;
    struct diag_list *diags;
    const char *dir; /* what relative paths are relative to */
    const char *at;  /* JSON pointer of the section that is being read */
};

enum config_kind {
    KIND_TEXT,
    KIND_BOOL,
    KIND_INT32,
    KIND_INT,
    KIND_REAL,
    KIND_DURATION,
    KIND_BYTES,
    KIND_NAMES,
    KIND_PATH,
    KIND_OBJECT,
    KIND_PAIRS
};

/* A member of a section and where its value goes. The schema has checked kinds and units before. */
struct config_field {
    const char *key;
    enum config_kind kind;
    size_t offset;
};

/* Fills `into` from a map by a table that a NULL key closes. Absent members leave it as it is. */
void config_fill(struct config_read *r, const struct node *map, const struct config_field *fields, void *into);
/* A NULL-terminated list of the strings of a list; NULL when `list` is no list. */
config_names config_read_names(struct config_read *r, const struct node *list);
/* Keeps a JSON value as long as the configuration; steals the reference. */
const json_t *config_hold(struct config_owner *owner, json_t *value);
/* An error at a node, named by `key` below r->at. */
void config_problem(struct config_read *r, enum err_code code, const struct node *at, const char *key, const char *suggestion,
                    const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* What is read, and does less than its writer may think. */
void config_warn(struct config_read *r, enum err_code code, const struct node *at, const char *key, const char *suggestion,
                 const char *text);

/* The sections, each in its own file. */
void config_check_schema(const struct node *root, struct diag_list *diags);
void config_read_general(struct config_read *r, const struct node *root);
void config_read_provisioners(struct config_read *r, const struct node *root);
/* Builds owner->view and config->revision, once everything is read. */
int config_make_view(struct config_owner *owner, const char *dir, struct err *err);

/* config_file.c: what can only be said of a file: that it says something, and that the directories it names are there. How many errors. */
size_t config_check_file(const struct admin_config *config, const char *text, struct diag_list *diags);
