// Package protocol is the wire between driftless and a provider that runs as a
// process of its own: the definition in plugin.proto, the code made of it, and
// how schemas and values are packed. Providers need not know of it.
package protocol

//go:generate go run -C ../../tools/protocol . -dir ../../plugin/protocol
