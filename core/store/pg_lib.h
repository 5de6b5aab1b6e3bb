/* libpq, loaded when the first PostgreSQL connection is made: with SQLite the server does without it and the libraries that it needs. The
 * calls look as ever: each name stands for a member of one table. The only file that includes libpq. */
#pragma once
#include "base/library.h"
#include <libpq-fe.h>

#define PQ_FUNCTIONS(X)                                                                                                                    \
    X(PQbackendPID)                                                                                                                        \
    X(PQcancel)                                                                                                                            \
    X(PQclear)                                                                                                                             \
    X(PQcmdStatus)                                                                                                                         \
    X(PQcmdTuples)                                                                                                                         \
    X(PQconnectdbParams)                                                                                                                   \
    X(PQconninfoFree)                                                                                                                      \
    X(PQconninfoParse)                                                                                                                     \
    X(PQconsumeInput)                                                                                                                      \
    X(PQenterPipelineMode)                                                                                                                 \
    X(PQerrorMessage)                                                                                                                      \
    X(PQescapeIdentifier)                                                                                                                  \
    X(PQexec)                                                                                                                              \
    X(PQexecParams)                                                                                                                        \
    X(PQexecPrepared)                                                                                                                      \
    X(PQexitPipelineMode)                                                                                                                  \
    X(PQfinish)                                                                                                                            \
    X(PQfreeCancel)                                                                                                                        \
    X(PQfreemem)                                                                                                                           \
    X(PQftype)                                                                                                                             \
    X(PQgetCancel)                                                                                                                         \
    X(PQgetResult)                                                                                                                         \
    X(PQgetisnull)                                                                                                                         \
    X(PQgetvalue)                                                                                                                          \
    X(PQisBusy)                                                                                                                            \
    X(PQnfields)                                                                                                                           \
    X(PQnotifies)                                                                                                                          \
    X(PQntuples)                                                                                                                           \
    X(PQpipelineStatus)                                                                                                                    \
    X(PQpipelineSync)                                                                                                                      \
    X(PQprepare)                                                                                                                           \
    X(PQresultErrorField)                                                                                                                  \
    X(PQresultStatus)                                                                                                                      \
    X(PQsendQuery)                                                                                                                         \
    X(PQsendQueryPrepared)                                                                                                                 \
    X(PQserverVersion)                                                                                                                     \
    X(PQsetNoticeProcessor)                                                                                                                \
    X(PQsocket)                                                                                                                            \
    X(PQstatus)                                                                                                                            \
    X(PQtransactionStatus)

struct pg_lib {
    PQ_FUNCTIONS(LIBRARY_MEMBER)
};
extern struct pg_lib pg_lib; /* written once, by pg_lib_load() */

/* Loads it, if that was not done yet. Any thread. Errors: ERR_INTERNAL: it is not installed. */
int pg_lib_load(struct err *err);

#ifndef PG_LIB_TABLE /* pg_lib.c needs the names themselves */
#define PQbackendPID         pg_lib.PQbackendPID
#define PQcancel             pg_lib.PQcancel
#define PQclear              pg_lib.PQclear
#define PQcmdStatus          pg_lib.PQcmdStatus
#define PQcmdTuples          pg_lib.PQcmdTuples
#define PQconnectdbParams    pg_lib.PQconnectdbParams
#define PQconninfoFree       pg_lib.PQconninfoFree
#define PQconninfoParse      pg_lib.PQconninfoParse
#define PQconsumeInput       pg_lib.PQconsumeInput
#define PQenterPipelineMode  pg_lib.PQenterPipelineMode
#define PQerrorMessage       pg_lib.PQerrorMessage
#define PQescapeIdentifier   pg_lib.PQescapeIdentifier
#define PQexec               pg_lib.PQexec
#define PQexecParams         pg_lib.PQexecParams
#define PQexecPrepared       pg_lib.PQexecPrepared
#define PQexitPipelineMode   pg_lib.PQexitPipelineMode
#define PQfinish             pg_lib.PQfinish
#define PQfreeCancel         pg_lib.PQfreeCancel
#define PQfreemem            pg_lib.PQfreemem
#define PQftype              pg_lib.PQftype
#define PQgetCancel          pg_lib.PQgetCancel
#define PQgetResult          pg_lib.PQgetResult
#define PQgetisnull          pg_lib.PQgetisnull
#define PQgetvalue           pg_lib.PQgetvalue
#define PQisBusy             pg_lib.PQisBusy
#define PQnfields            pg_lib.PQnfields
#define PQnotifies           pg_lib.PQnotifies
#define PQntuples            pg_lib.PQntuples
#define PQpipelineStatus     pg_lib.PQpipelineStatus
#define PQpipelineSync       pg_lib.PQpipelineSync
#define PQprepare            pg_lib.PQprepare
#define PQresultErrorField   pg_lib.PQresultErrorField
#define PQresultStatus       pg_lib.PQresultStatus
#define PQsendQuery          pg_lib.PQsendQuery
#define PQsendQueryPrepared  pg_lib.PQsendQueryPrepared
#define PQserverVersion      pg_lib.PQserverVersion
#define PQsetNoticeProcessor pg_lib.PQsetNoticeProcessor
#define PQsocket             pg_lib.PQsocket
#define PQstatus             pg_lib.PQstatus
#define PQtransactionStatus  pg_lib.PQtransactionStatus
#endif
