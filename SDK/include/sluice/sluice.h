/* Everything a plugin author needs. */
#ifndef SLUICE_H
#define SLUICE_H
#include "arrow.h"
#include "base.h"
#include "check.h"
#include "connector.h"
#include "host.h"
#include "plugin.h"
#include "provider.h"
#endif
