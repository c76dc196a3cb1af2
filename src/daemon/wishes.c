#include "daemon/wishes.h"

static bool
are_of_config(const struct options *options)
{
	return options->interfaces == 0;
}

unsigned
wishes_count(const struct options *options, const struct config *config)
{
	return are_of_config(options) ?
	    (unsigned)config_capture(config)->n : options->interfaces;
}

void
wishes_get(const struct options *options, const struct config *config,
    unsigned place, struct wish *out)
{
	const struct config_capture *all = config_capture(config);
	const char *name = are_of_config(options) ?
	    all->interface[place].name : options->interface[place];
	const struct config_interface *one = config_interface(config, name);

	*out = (struct wish){ .name = name, .promiscuous = all->promiscuous,
	    .observe = wishes_observe(config) };
	if (one != NULL) {
		out->promiscuous = one->promiscuous;
		out->has_address = one->has_address;
		out->address = one->address;
	}
	if (options->has_promiscuous)
		out->promiscuous = options->promiscuous;
	if (options->has_address) {
		out->has_address = true;
		out->address = options->address;
	}
}

size_t
wishes_ring(const struct config *config)
{
	return config_capture(config)->ring_octets;
}

bool
wishes_observe(const struct config *config)
{
	return config_capture(config)->observe;
}
