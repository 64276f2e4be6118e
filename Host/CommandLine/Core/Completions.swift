/// Completion scripts for shells, made from the table of commands.
enum Completions {
    static let shells = ["bash", "zsh", "fish"]

    static func script(_ shell: String) -> String {
        switch shell {
        case "zsh": zsh
        case "fish": fish
        default: bash
        }
    }

    /// Prints the ids of runs in the default home, one a line; the same in every shell.
    private static let runIDs = #"sluice runs --json 2>/dev/null | grep -o '"run_id":"[^"]*"' | cut -d'"' -f4"#
    private static let pluginIDs = #"sluice plugin list --json 2>/dev/null | grep -o '"id":"[^"]*"' | cut -d'"' -f4"#

    // MARK: bash

    private static var bash: String {
        var commands = ""
        for verb in Verb.allCases {
            let spec = verb.spec
            let options = (spec.options + Option.global).map { "--\($0.name)" }.joined(separator: " ")
            var values = ""
            for option in spec.options + Option.global {
                if let kind = option.value { values += "            --\(option.name)) \(bashWords(kind)); return ;;\n" }
            }
            var operands = ""
            for (place, operand) in spec.operands.enumerated() {
                operands += "            \(place)) \(bashWords(operand.value)) ;;\n"
            }
            commands += """
                    '\(verb.rawValue)')
                        case $previous in
                \(values)        esac
                        if [[ $word == -* ]]; then __sluice_words "\(options)"; return; fi
                        case $operands in
                \(operands)            *) ;;
                        esac ;;

                """
        }
        var groups = ""
        for word in Verb.firstWords where !Verb.group(word).isEmpty {
            // A command of its own as well: its runs may stand where a second word may.
            let runs = takesRun(word) ? " $(\(runIDs))" : ""
            groups +=
                "        \(word)) __sluice_words \"\(Verb.group(word).map { $0.words[1] }.joined(separator: " "))\(runs)\" ;;\n"
        }
        return """
            # bash completion for sluice
            __sluice_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$word"); }
            __sluice_files() { compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$word"); }
            __sluice_folders() { compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$word"); }
            __sluice_locations() {
                local scheme=""
                # A colon parts words in bash: the scheme is a word of its own, or the word in front of it.
                case ${COMP_WORDBREAKS} in *:*) ;; *) [[ $word == *:* ]] && scheme="${word%%:*}:" ;; esac
                compopt -o filenames -o nospace 2>/dev/null
                mapfile -t COMPREPLY < <(compgen -P "$scheme" -f -- "${word#"$scheme"}"; compgen -W "csv: sqlite:" -- "$word")
            }
            _sluice() {
                COMPREPLY=()
                local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command="" group="" operands=0 at token
                if [[ $word == : ]]; then word=""; previous=${COMP_WORDS[COMP_CWORD-2]}
                elif [[ $previous == : ]]; then previous=${COMP_WORDS[COMP_CWORD-3]}; [[ $previous == = ]] && previous=${COMP_WORDS[COMP_CWORD-4]}
                elif [[ $word == = ]]; then word=""
                elif [[ $previous == = ]]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi
                for ((at = 1; at < COMP_CWORD; at++)); do
                    token=${COMP_WORDS[at]}
                    case $token in
                        \(bashValueOptions)) [[ ${COMP_WORDS[at+1]} == = ]] && at=$((at + 1)); at=$((at + 1)); continue ;;
                        -*) continue ;;
                    esac
                    if [[ -z $command && -n $group ]]; then
                        case "$group $token" in
                            \(Verb.allCases.filter { $0.words.count == 2 }.map { "'\($0.rawValue)'" }.joined(separator: "|"))) command="$group $token" ;;
                            *) command=$group; operands=1 ;;
                        esac
                    elif [[ -z $command ]]; then
                        case $token in
                            \(Verb.firstWords.filter { !Verb.group($0).isEmpty }.joined(separator: "|"))) group=$token ;;
                            *) command=$token ;;
                        esac
                    else operands=$((operands + 1)); fi
                done
                if [[ -z $command ]]; then
                    if [[ $previous == --home ]]; then __sluice_folders; return; fi
                    if [[ $word == -* ]]; then __sluice_words "\(Option.global.map { "--\($0.name)" }.joined(separator: " "))"; return; fi
                    case $group in
                    '') __sluice_words "\(Verb.firstWords.joined(separator: " "))" ;;
            \(groups)        esac
                    return
                fi
                case $command in
            \(commands)    esac
            }
            complete -F _sluice sluice

            """
    }

    /// Whether a word is a command that takes a run first.
    private static func takesRun(_ word: String) -> Bool { Verb(rawValue: word)?.spec.operands.first?.value == .run }

    private static var bashValueOptions: String {
        let names = Verb.allCases.flatMap { $0.spec.options + Option.global }.filter { $0.value != nil }.map(\.name)
        return Set(names).sorted().map { "--\($0)" }.joined(separator: "|")
    }

    private static func bashWords(_ kind: ValueKind) -> String {
        switch kind {
        case .file: "__sluice_files"
        case .folder: "__sluice_folders"
        case .location: "__sluice_locations"
        case .run: "__sluice_words \"$(\(runIDs))\""
        case .plugin: "__sluice_words \"$(\(pluginIDs))\""
        case .topic: "__sluice_words \"\(topics)\""
        case .choice, .stage, .errorID: "__sluice_words \"\(kind.choices.joined(separator: " "))\""
        default: "COMPREPLY=()"
        }
    }

    private static var topics: String {
        Set(Verb.allCases.flatMap(\.words)).sorted().joined(separator: " ")
    }

    // MARK: zsh

    private static var zsh: String {
        func quoted(_ text: String) -> String {
            text.reduce(into: "") { out, character in
                switch character {
                case "'": out += "'\\''"
                case "[", "]", ":", "\\": out += "\\\(character)"
                default: out.append(character)
                }
            }
        }
        func action(_ kind: ValueKind) -> String {
            switch kind {
            case .file: "_files"
            case .folder: "_files -/"
            case .location: "__sluice_locations"
            case .run: "__sluice_runs"
            case .plugin: "__sluice_plugins"
            case .topic: "(\(topics))"
            case .choice, .stage, .errorID: "(\(kind.choices.joined(separator: " ")))"
            default: " "
            }
        }
        func specs(_ spec: Spec) -> String {
            var lines: [String] = []
            for option in spec.options + Option.global {
                let value = option.value.map { ":\(quoted(option.placeholder)):\(action($0))" } ?? ""
                lines.append(
                    "'\(option.repeats ? "*" : "")--\(option.name)\(value.isEmpty ? "" : "=")[\(quoted(option.help))]\(value)'"
                )
            }
            for operand in spec.operands {
                lines.append("'\(operand.required ? ":" : "::")\(quoted(operand.name)):\(action(operand.value))'")
            }
            return lines.joined(separator: " \\\n                ")
        }
        func list(_ entries: [(String, String)]) -> String {
            entries.map { "'\($0.0):\(quoted($0.1))'" }.joined(separator: " ")
        }
        var cases = ""
        for verb in Verb.allCases {
            cases += "        '\(verb.rawValue)')\n            _arguments -S \(specs(verb.spec)) ;;\n"
        }
        var groups = ""
        for word in Verb.firstWords where !Verb.group(word).isEmpty {
            let entries = list(Verb.group(word).map { ($0.words[1], $0.spec.summary) })
            let inner = Verb.group(word).map { $0.words[1] }.joined(separator: "|")
            groups += """
                    \(word))
                        if (( CURRENT == 2 )); then
                            local -a inner=(\(entries))
                            _describe command inner\(takesRun(word) ? "\n            __sluice_runs" : "")
                            return
                        fi
                        case $words[2] in
                            \(inner))
                                name="\(word) $words[2]"
                                shift words
                                (( CURRENT-- )) ;;
                        esac ;;

                """
        }
        let first = Verb.firstWords.map { word in
            (word, Verb(rawValue: word)?.spec.summary ?? Verb.group(word).map { $0.words[1] }.joined(separator: ", "))
        }
        return """
            #compdef sluice
            # zsh completion for sluice
            __sluice_runs() { local -a ids=(${(f)"$(\(runIDs))"}); compadd -a ids; }
            __sluice_plugins() { local -a ids=(${(f)"$(\(pluginIDs))"}); compadd -a ids; }
            __sluice_locations() {
                if compset -P '*:'; then _files; else compadd -S '' csv: sqlite:; _files; fi
            }
            _sluice() {
                local curcontext="$curcontext" state line name
                _arguments -C '--json[\(quoted(Option.global[0].help))]' '--home=[\(quoted(Option.global[1].help))]:DIR:_files -/' \\
                    '--help[\(quoted(Option.global[2].help))]' '1: :->command' '*:: :->rest'
                if [[ $state == command ]]; then
                    local -a commands=(\(list(first)))
                    _describe command commands
                    return
                fi
                [[ $state == rest ]] || return
                name=$words[1]
                case $name in
            \(groups)    esac
                case $name in
            \(cases)    esac
            }
            if [[ $funcstack[1] == _sluice ]]; then _sluice "$@"; else compdef _sluice sluice; fi

            """
    }

    // MARK: fish

    private static var fish: String {
        func quoted(_ text: String) -> String {
            "'" + text.reduce(into: "") { $0 += $1 == "'" || $1 == "\\" ? "\\\($1)" : String($1) } + "'"
        }
        func arguments(_ kind: ValueKind) -> String {
            switch kind {
            case .file: "-F"
            case .folder: "-f -a '(__fish_complete_directories)'"
            case .location: "-F -a 'csv: sqlite:'"
            case .run: "-f -a '(__sluice_runs)'"
            case .plugin: "-f -a '(__sluice_plugins)'"
            case .topic: "-f -a \(quoted(topics))"
            case .choice, .stage, .errorID: "-f -a \(quoted(kind.choices.joined(separator: " ")))"
            default: "-f"
            }
        }
        var lines = [
            "# fish completion for sluice", "complete -c sluice -f",
            "function __sluice_runs; \(runIDs); end", "function __sluice_plugins; \(pluginIDs); end",
        ]
        for option in Option.global {
            let value = option.value.map { " -r \(arguments($0))" } ?? ""
            lines.append("complete -c sluice -l \(option.name)\(value) -d \(quoted(option.help))")
        }
        for word in Verb.firstWords {
            let inner = Verb.group(word).map { $0.words[1] }
            let summary = Verb(rawValue: word)?.spec.summary ?? inner.joined(separator: ", ")
            lines.append("complete -c sluice -n __fish_use_subcommand -a \(word) -d \(quoted(summary))")
        }
        for verb in Verb.allCases {
            let spec = verb.spec
            let words = verb.words
            var when = "__fish_seen_subcommand_from \(words[0])"
            let inner = Verb.group(words[0]).map { $0.words[1] }.joined(separator: " ")
            if words.count == 1, !inner.isEmpty { when += "; and not __fish_seen_subcommand_from \(inner)" }
            if words.count == 2 {
                lines.append(
                    "complete -c sluice -n '\(when); and not __fish_seen_subcommand_from \(inner)' -a \(words[1]) "
                        + "-d \(quoted(spec.summary))")
                when += "; and __fish_seen_subcommand_from \(words[1])"
            }
            for option in spec.options {
                let value = option.value.map { " -r \(arguments($0))" } ?? ""
                lines.append("complete -c sluice -n '\(when)' -l \(option.name)\(value) -d \(quoted(option.help))")
            }
            for operand in spec.operands {
                lines.append("complete -c sluice -n '\(when)' \(arguments(operand.value)) -d \(quoted(operand.name))")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
