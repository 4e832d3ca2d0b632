#ifndef GBTEST_ACT_H
#define GBTEST_ACT_H

/* The act of that name that uses something up, told how much; NULL: there is none. */
long (*exhausting(const char *name))(long);

#endif
