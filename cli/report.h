/* Findings in files as other programs read them: SARIF 2.1.0 for code scanning, JUnit XML for build servers. */
#pragma once
#include "cli/command.h"
#include "codec/diag.h"

/* One file, or one check, with what was found. */
struct report_entry {
    const char *name; /* path as the user named it, or the check's name */
    const char *file; /* where its findings are; NULL: `name` is the file */
    const struct diag_list *found;
};

/* A SARIF log with one run: a rule for every code of the findings, a result for each finding. */
json_t *report_sarif(const struct report_entry *entries, size_t count);
/* The same on standard output. */
void report_print_sarif(const struct report_entry *entries, size_t count);

/* A JUnit document: one suite, one case an entry; errors are its failure, the rest its output. */
void report_print_junit(struct cli *c, const char *suite, const struct report_entry *entries, size_t count);

/* Whatever --output asks for: SARIF, JUnit, or data ({file, valid, errors}, of several a list). Nothing for tables. */
void report_print(struct cli *c, const char *suite, const struct report_entry *entries, size_t count);

/* Text inside XML 1.0: what has a meaning there, and what may not stand there at all. Arena text. */
const char *report_xml(struct arena *arena, const char *text);
