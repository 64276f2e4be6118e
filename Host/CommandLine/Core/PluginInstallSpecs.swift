/// The table's entries for `sluice plugin install` and its like.
extension Spec {
    private static let id = Operand(
        name: "ID", value: .plugin, required: true, help: "as `sluice plugin list` names it")
    private static let key = Operand(
        name: "KEY", value: .file, required: true,
        help: "ed25519: and 64 hexadecimal digits, or a file such as FILE.pub")
    private static let rights = "4 when your role may not manage plugins (Maintainer or above)."

    static let pluginInstall = Spec(
        verb: .pluginInstall, summary: "verify a plugin, show what it asks for, and install it",
        usage: ["plugin install MANIFEST|ID [--yes] [--key KEY] [--allow-downgrade]"],
        about: """
            Every file is read once and held against the manifest, the signature against the trusted keys, and the shared
            libraries are pinned. What the plugin may see, reach and use up is shown in plain words and must be granted by
            a person; then it passes the conformance suite, or is not installed. An upgrade that asks for more stops and
            shows the difference; one that asks for the same or less goes through.
            """,
        operands: [
            Operand(
                name: "MANIFEST|ID", value: .file, required: true,
                help: "path of ID.json with its signature and files beside it, or an id of the registry")
        ],
        options: [
            .flag("yes", "grant beforehand what it asks for; the lock and the record say so"),
            .value("key", "KEY", .file, "the key that must have signed it, or a file with it"),
            .flag("allow-downgrade", "install it over a later version"),
        ],
        examples: [
            Example(
                purpose: "Read what it asks for, and decide", line: "sluice plugin install acme/acme.check.dates.json"),
            Example(
                purpose: "In a script",
                line: "sluice plugin install acme/acme.check.dates.json --yes --json | jq .status"),
            Example(
                purpose: "After the machine's libraries were upgraded", line: "sluice plugin install acme.check.dates"),
        ],
        exits: """
            3 when it asks for something that nobody has granted, 4 when it is refused (signature, key, hash, publisher,
            downgrade) or your role may not manage plugins.
            """)

    static let pluginVerify = Spec(
        verb: .pluginVerify, summary: "hold every file of the plugins against what was installed",
        usage: ["plugin verify [ID]"],
        about: """
            Files, signatures, keys and shared libraries of installed plugins are held against the lock, files of shipped
            ones against their manifests. What differs is named. Nothing is started.
            """,
        operands: [
            Operand(name: "ID", value: .plugin, required: false, help: "one plugin; all of them without it")
        ],
        examples: [
            Example(purpose: "All of them", line: "sluice plugin verify"),
            Example(
                purpose: "What differs of one",
                line: "sluice plugin verify acme.check.dates --json | jq '.plugins[0].differences'"),
        ], exits: "4 when something differs.")

    static let pluginEnable = Spec(
        verb: .pluginEnable, summary: "let runs use an installed plugin again", usage: ["plugin enable ID"],
        about: "What was granted when it was installed holds again. Its files are verified when it is started.",
        operands: [id],
        examples: [
            Example(purpose: "After it was disabled", line: "sluice plugin enable acme.check.dates"),
            Example(purpose: "In a script", line: "sluice plugin enable acme.check.dates --json"),
        ], exits: rights)

    static let pluginDisable = Spec(
        verb: .pluginDisable, summary: "keep runs from using an installed plugin", usage: ["plugin disable ID"],
        about: "A run that needs it is refused (plugin.disabled). Its files and what it was granted stay.",
        operands: [id],
        examples: [
            Example(purpose: "Until its author has mended it", line: "sluice plugin disable acme.check.dates"),
            Example(purpose: "And back", line: "sluice plugin enable acme.check.dates"),
        ], exits: rights)

    static let pluginRemove = Spec(
        verb: .pluginRemove, summary: "remove an installed plugin with its files", usage: ["plugin remove ID"],
        about:
            "What it was granted is forgotten, the record of it stays. A plugin that ships under its id is used again.",
        operands: [id],
        examples: [
            Example(purpose: "Remove it", line: "sluice plugin remove acme.check.dates"),
            Example(purpose: "See that it is gone", line: "sluice plugin list"),
        ], exits: rights)

    static let pluginKeys = Spec(
        verb: .pluginKeys, summary: "list the keys whose signatures count, and the revoked ones",
        usage: ["plugin keys"],
        about:
            "Keys of the installation and of this home. A key counts for one publisher; revoked anywhere is revoked.",
        examples: [
            Example(purpose: "All of them", line: "sluice plugin keys"),
            Example(purpose: "Who trusted them", line: "sluice plugin keys --json | jq .history"),
        ])

    static let pluginTrust = Spec(
        verb: .pluginTrust, summary: "trust a key for one publisher", usage: ["plugin trust KEY --publisher NAME"],
        about: """
            Compare the key with what the publisher says elsewhere first. It counts for plugins whose manifest names this
            publisher, letter by letter. A key that was revoked is not trusted again.
            """,
        operands: [key],
        options: [.value("publisher", "NAME", .text, "the publisher of the manifests that it may sign; required")],
        examples: [
            Example(purpose: "From the publisher's file", line: "sluice plugin trust acme.pub --publisher acme"),
            Example(
                purpose: "As text",
                line: "sluice plugin trust "
                    + "ed25519:d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a --publisher acme"),
        ], exits: rights)

    static let pluginRevoke = Spec(
        verb: .pluginRevoke, summary: "revoke a key for good", usage: ["plugin revoke KEY --reason WHY"],
        about: "Nothing that it signed is installed or loaded any more, whenever it was signed (plugin.key_revoked).",
        operands: [key],
        options: [.value("reason", "WHY", .text, "why; required, and kept")],
        examples: [
            Example(purpose: "A key that got out", line: "sluice plugin revoke acme.pub --reason \"it was published\""),
            Example(purpose: "What it hits", line: "sluice plugin list --json | jq '.plugins[] | select(.error)'"),
        ], exits: rights)

    static let pluginKeygen = Spec(
        verb: .pluginKeygen, summary: "make a key to sign plugins with", usage: ["plugin keygen --out FILE"],
        about: """
            FILE is the private key, which nobody else may read (mode 0600), FILE.pub the public one to give away.
            Neither is ever overwritten. Ed25519.
            """,
        options: [.value("out", "FILE", .file, "where the private key goes; required")],
        examples: [
            Example(purpose: "Make one", line: "sluice plugin keygen --out acme.key"),
            Example(purpose: "And sign with it", line: "sluice plugin sign out/acme.check.dates.json --key acme.key"),
        ], exits: "1 when a file is there already (key.file).")

    static let pluginSign = Spec(
        verb: .pluginSign, summary: "sign a plugin's manifest", usage: ["plugin sign MANIFEST --key FILE"],
        about: """
            Writes MANIFEST.sig over the exact bytes of MANIFEST. The manifest pins library and resources, so this signs
            them, but not conformance/. A manifest that does not parse, or names another key (key_id), is not signed.
            """,
        operands: [Operand(name: "MANIFEST", value: .file, required: true, help: "path of ID.json")],
        options: [.value("key", "FILE", .file, "the private key of `sluice plugin keygen`; required")],
        examples: [
            Example(purpose: "Sign it", line: "sluice plugin sign out/acme.check.dates.json --key acme.key"),
            Example(purpose: "Then install it", line: "sluice plugin install out/acme.check.dates.json"),
        ])

    static let pluginPack = Spec(
        verb: .pluginPack, summary: "make a package of a plugin's template and its files",
        usage: ["plugin pack TEMPLATE --out FOLDER [--libraries DIR]"],
        about: """
            TEMPLATE is the manifest without sizes and hashes; they are computed, and replaced where they stand. FOLDER gets
            ID.json, the library, resources/ and conformance/, all or nothing. An earlier pack of it is replaced.
            """,
        operands: [Operand(name: "TEMPLATE", value: .file, required: true, help: "a manifest as JSON")],
        options: [
            .value("out", "FOLDER", .folder, "where the package goes; required"),
            .value("libraries", "DIR", .folder, "where the libraries lie; default the folder of TEMPLATE"),
        ],
        examples: [
            Example(purpose: "Beside its library", line: "sluice plugin pack manifest.json --out package"),
            Example(
                purpose: "From a build folder", line: "sluice plugin pack manifest.json --out package --libraries build"
            ),
        ])
}
