"""The API group `viva.dev/v1alpha1`: types, and the CRDs made of them. Imports nothing else of Viva."""
