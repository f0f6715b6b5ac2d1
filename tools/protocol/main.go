// Command protocol writes the Go code of the plugin protocol, without protoc.
// It is run by go generate in plugin/protocol; with -check it only tells
// whether the code is that of the definition.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/protoutil"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

func main() {
	dir := flag.String("dir", ".", "the directory of plugin.proto")
	check := flag.Bool("check", false, "write nothing, and fail where the code is not up to date")
	flag.Parse()
	if err := run(*dir, *check); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// generators are run one after the other over the same definition.
var generators = []string{"google.golang.org/protobuf/cmd/protoc-gen-go", "google.golang.org/grpc/cmd/protoc-gen-go-grpc"}

func run(dir string, check bool) error {
	request, err := request(dir)
	if err != nil {
		return err
	}
	for _, generator := range generators {
		files, err := generate(generator, request)
		if err != nil {
			return err
		}
		for _, f := range files {
			path := filepath.Join(dir, filepath.Base(f.GetName()))
			if err := put(path, []byte(f.GetContent()), check); err != nil {
				return err
			}
		}
	}
	return nil
}

// request compiles the definition to what a generator is asked with.
func request(dir string) ([]byte, error) {
	compiler := protocompile.Compiler{
		Resolver:       &protocompile.SourceResolver{ImportPaths: []string{dir}},
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	files, err := compiler.Compile(context.Background(), "plugin.proto")
	if err != nil {
		return nil, fmt.Errorf("compile the protocol: %w", err)
	}
	return proto.Marshal(&pluginpb.CodeGeneratorRequest{
		FileToGenerate: []string{"plugin.proto"},
		Parameter:      proto.String("paths=source_relative"),
		ProtoFile:      []*descriptorpb.FileDescriptorProto{protoutil.ProtoFromFileDescriptor(files[0])},
	})
}

func generate(generator string, request []byte) ([]*pluginpb.CodeGeneratorResponse_File, error) {
	cmd := exec.Command("go", "run", generator)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(request), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", generator, err)
	}
	var response pluginpb.CodeGeneratorResponse
	if err := proto.Unmarshal(out, &response); err != nil {
		return nil, fmt.Errorf("read what %s wrote: %w", generator, err)
	}
	if response.Error != nil {
		return nil, fmt.Errorf("%s: %s", generator, response.GetError())
	}
	return response.File, nil
}

func put(path string, content []byte, check bool) error {
	if !check {
		return os.WriteFile(path, content, 0o644)
	}
	present, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Equal(present, content) {
		return fmt.Errorf("%s is not what the definition says: run go generate ./plugin/protocol", filepath.Base(path))
	}
	return nil
}
