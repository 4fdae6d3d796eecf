/* What tamp defines otherwise. */
#pragma once

#ifndef LOAD
#define LOAD(x, i) ((x)[i])
#define STORE(x, i, v) ((x)[i] = (v))
#endif
