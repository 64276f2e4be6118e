/* The ABI is headers only; this file proves at compile time that no struct is smaller than its first version, whatever
 * compiler builds the host. Offsets and values are held by scripts/abi-description. */
#include "../include/sluice/sluice.h"

#define AT_LEAST(a, b) _Static_assert((a) >= (b), #a " is less than " #b)

AT_LEAST(sizeof(sluice_text), SLUICE_TEXT_SIZE_V1);
AT_LEAST(sizeof(sluice_floats), SLUICE_FLOATS_SIZE_V1);
AT_LEAST(sizeof(sluice_error), SLUICE_ERROR_SIZE_V1);
AT_LEAST(sizeof(sluice_host), SLUICE_HOST_SIZE_V1);
AT_LEAST(sizeof(sluice_host_info), SLUICE_HOST_INFO_SIZE_V1);
AT_LEAST(sizeof(sluice_plugin), SLUICE_PLUGIN_SIZE_V1);
AT_LEAST(sizeof(sluice_connector_ops), SLUICE_CONNECTOR_OPS_SIZE_V1);
AT_LEAST(sizeof(sluice_check_ops), SLUICE_CHECK_OPS_SIZE_V1);
AT_LEAST(sizeof(sluice_provider_ops), SLUICE_PROVIDER_OPS_SIZE_V1);

const uint32_t sluice_abi_version[2] = {SLUICE_ABI_MAJOR, SLUICE_ABI_MINOR};
