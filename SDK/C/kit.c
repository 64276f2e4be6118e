typedef int sluice_placeholder;
