# Completion of driftless for fish. To load it in every shell:
#
#   driftless completion fish > ~/.config/fish/completions/driftless.fish

function __driftless_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    for line in (command $before[1] __complete $before[2..-1] "$current" 2>/dev/null)
        if test "$line" = ":path"
            set -l option (string match -r -- '^-[^=]*=' $current)
            for path in (__fish_complete_path (string replace -r -- '^-[^=]*=' '' $current))
                echo "$option$path"
            end
        else
            echo $line
        end
    end
end

complete -c driftless -f -a '(__driftless_complete)'
