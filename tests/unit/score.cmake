inno_test(score LABEL unit LINKS inno_score SOURCES score/test_score.c)
inno_test(score_corpus LABEL unit LINKS inno_score SOURCES score/test_score_corpus.c)
