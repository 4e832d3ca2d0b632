/* What an analyser has to find: quality.test.ts. */
#include <stdio.h>
#include <stdlib.h>

int main(int count, char **arguments)
{
    char *memory = malloc(1);
    if (memory == NULL)
        return 1;
    *memory = arguments[0][0];
    printf("%c", *memory);
    free(memory);
    if (count > 1)
        printf("%c", *memory);
    return 0;
}
