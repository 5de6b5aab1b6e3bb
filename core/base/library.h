/* Shared libraries that are loaded when they are first needed, because most servers never need them and they bring dozens of others along
 * (libcurl, libpq). The module that owns such a library lists the functions it calls once, as an X-macro:
 *
 *     #define PQ_FUNCTIONS(X) X(PQexec) X(PQclear)
 *     struct pq { PQ_FUNCTIONS(LIBRARY_MEMBER) };         pointers of exactly the header's types
 *     static const char *const names[] = {PQ_FUNCTIONS(LIBRARY_NAME)};
 */
#pragma once
#include "base/err.h"

#define LIBRARY_MEMBER(function) __typeof__(&function) function;
#define LIBRARY_NAME(function)   #function,

/* Loads `soname` and puts the addresses of its `count` functions into `table`, a struct of LIBRARY_MEMBERs in the same order. It stays
 * loaded as long as the process. Found as the dynamic linker finds what a program is linked with. Any thread, once for each table; whoever
 * calls the functions must have seen this succeed. Errors: ERR_INTERNAL, naming the library and the package that has it; the table is
 * left as it was. */
int library_load(const char *soname, const char *package, const char *const *names, size_t count, void *table, struct err *err);
