"""Viva's operator: model workers on GPU and CPU pools, sized by interviews."""
