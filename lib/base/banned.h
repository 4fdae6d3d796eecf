/* Functions that nothing in tamp may call: compiled into every file. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#undef strcpy
#undef strcat
#undef strtok
#pragma GCC poison strcpy strcat sprintf strtok atoi gets
#endif
