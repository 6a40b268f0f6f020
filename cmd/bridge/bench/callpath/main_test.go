package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// TestMain plays a role where the test binary is started as one.
func TestMain(m *testing.M) {
	if os.Getenv(roleVariable) == "" {
		os.Exit(m.Run())
	}
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Every way of making the call works, and the table has all that was measured.
func TestMeasures(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts six processes")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out bytes.Buffer
	if err := run(ctx, []string{"-duration=40ms", "-callers=2", "-sessions=10", "-tools=30"}, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	table := out.String()
	for _, want := range []string{directREST, reverseREST, bridgeREST, directMCP, reverseMCP, bridgeNative, sdkMCP, "10 idle sessions", "tools/list of 30 tools"} {
		if !strings.Contains(table, want) {
			t.Errorf("the table has nothing of %q:\n%s", want, table)
		}
	}
	if cpu() > 0 && strings.Contains(table, " - ") {
		t.Errorf("a ratio is missing:\n%s", table)
	}
}

func TestSettingsAreChecked(t *testing.T) {
	for _, args := range [][]string{{"-callers=0"}, {"-callers=x"}, {"-nothing"}} {
		var out bytes.Buffer
		if _, err := readSettings(args, &out); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
}
