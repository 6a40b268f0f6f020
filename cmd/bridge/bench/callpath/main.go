package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"
)

// settings say what is measured.
type settings struct {
	duration time.Duration // of each measurement
	callers  []int
	sizes    []string
	ways     string // a part of the names of those that are measured; "" for all
	sessions int
	tools    int
	profile  string // the folder that gets the proxies' CPU profiles; "" for none
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "callpath:", err)
		os.Exit(1)
	}
}

// run measures, or plays the role that the first argument names.
func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 {
		if play, ok := roles[args[0]]; ok {
			return play(ctx, args[1:])
		}
	}
	s, err := readSettings(args, out)
	if err != nil {
		return err
	}
	return measure(ctx, s, out)
}

func readSettings(args []string, out io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("callpath", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.DurationVar(&s.duration, "duration", 2*time.Second, "how long each measurement takes")
	callers := flags.String("callers", "1,16,64", "how many callers call at once")
	sizes := flags.String("sizes", "1KB,30KB", "the results' sizes: 1KB, 30KB")
	flags.StringVar(&s.ways, "only", "", "measure only the ways with this in their names")
	flags.IntVar(&s.sessions, "sessions", 5000, "how many idle sessions to open; 0 for none")
	flags.IntVar(&s.tools, "tools", 5000, "how many tools to list; 0 for none")
	flags.StringVar(&s.profile, "profile", "", "write the proxies' CPU profiles to this folder")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	s.sizes = strings.Split(*sizes, ",")
	for _, text := range strings.Split(*callers, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return s, fmt.Errorf("-callers: %q is no number of callers", text)
		}
		s.callers = append(s.callers, n)
	}
	return s, nil
}
