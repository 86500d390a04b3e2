"""The robot of the joint tests (DOMAIN §3.7, D-42): it walks a partner's test site as a teacher would."""
