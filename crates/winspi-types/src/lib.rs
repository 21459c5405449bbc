//! The vocabulary of ws2spi.h and winsock2.h as data.
