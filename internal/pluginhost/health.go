package pluginhost

import (
	"context"
	"fmt"
	"time"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// guard ends the process when it hangs, or holds more memory than it may. It
// returns when the process has ended.
func (g *generation) guard() {
	memory := time.NewTicker(g.limits.watch)
	defer memory.Stop()
	ping := time.NewTicker(g.limits.ping)
	defer ping.Stop()
	for {
		select {
		case <-g.gone:
			return
		case <-memory.C:
			g.checkMemory()
		case <-ping.C:
			go g.ping()
		}
	}
}

// checkMemory looks at what the process really holds. A limit of the address
// space would be met by what the Go runtime only reserves.
func (g *generation) checkMemory() {
	bytes, err := resident(g.child.cmd.Process.Pid)
	if err != nil {
		return // it has ended, or this system doesn't tell
	}
	if bytes > g.spec.MaxMemory {
		g.end(fmt.Errorf("it holds %d MiB of memory, and may hold %d MiB. Set max_memory in the block provider %q if that is too little", bytes>>20, g.spec.MaxMemory>>20, g.spec.Name))
	}
}

// ping asks the process whether it is alive.
func (g *generation) ping() {
	ctx, cancel := context.WithTimeout(context.Background(), g.limits.ping)
	defer cancel()
	_, err := g.health.Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: goplugin.GRPCServiceName})
	if err != nil && ctx.Err() != nil {
		g.end(fmt.Errorf("it hangs: it did not answer within %s", g.limits.ping))
	}
}
