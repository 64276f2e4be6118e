/* Compiled against headers of a later minor version than the host's, in which every struct has one field more, `later`:
 * health says what of it there is. It goes by docs/abi.md, so nothing behind the host's structs is read or written. */
#include "fixture.h"

static sluice_host services;
static int host_is_older;

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"looks at sizes\"}");
}

static sluice_status health(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance;
  int text_has_it = out->struct_size >= sizeof *out, error_has_it = error->struct_size >= sizeof *error;
  sluice_status status = SLUICE_OK;
  char answer[128] = "{\"host\":\"";
  strcat(answer, host_is_older ? "older\",\"service\":\"" : "same\",\"service\":\"");
  strcat(answer, services.later ? "there\",\"text\":\"" : "null\",\"text\":\"");
  strcat(answer, text_has_it ? "long\",\"error\":\"" : "short\",\"error\":\"");
  strcat(answer, error_has_it ? "long\"}" : "short\"}");
  status = fixture_text(out, answer);
  if (text_has_it)
    out->later = 1;
  return status;
}

static const sluice_provider_ops ops = {
    .struct_size = sizeof ops,
    .health = health,
};
FIXTURE_PLUGIN(SLUICE_KIND_PROVIDER, "fixture.later_minor", describe, ops);

const sluice_plugin *sluice_plugin_entry(const sluice_host_info *host) {
  if (host->abi_major != SLUICE_ABI_MAJOR || host->struct_size < SLUICE_HOST_INFO_SIZE_V1)
    return NULL;
  host_is_older = host->abi_minor < SLUICE_ABI_MINOR && host->struct_size < sizeof *host;
  memcpy(&services, host->host, host->host->struct_size < sizeof services ? host->host->struct_size : sizeof services);
  return &fixture_plugin;
}
