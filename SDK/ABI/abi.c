/* The ABI is headers only; this file proves at compile time that they mean what docs/abi.md says. */
#include "../include/sluice/sluice.h"

#define SAME(a, b) _Static_assert((a) == (b), #a " is not " #b)

SAME(sizeof(sluice_text), SLUICE_TEXT_SIZE_V1);
SAME(sizeof(sluice_floats), SLUICE_FLOATS_SIZE_V1);
SAME(sizeof(sluice_error), SLUICE_ERROR_SIZE_V1);
SAME(sizeof(sluice_host), SLUICE_HOST_SIZE_V1);
SAME(sizeof(sluice_host_info), SLUICE_HOST_INFO_SIZE_V1);
SAME(sizeof(sluice_plugin), SLUICE_PLUGIN_SIZE_V1);
SAME(sizeof(sluice_connector_ops), SLUICE_CONNECTOR_OPS_SIZE_V1);
SAME(sizeof(sluice_check_ops), SLUICE_CHECK_OPS_SIZE_V1);
SAME(sizeof(sluice_provider_ops), SLUICE_PROVIDER_OPS_SIZE_V1);

const uint32_t sluice_abi_version[2] = {SLUICE_ABI_MAJOR, SLUICE_ABI_MINOR};
