internal import Foundations
internal import Glibc

/// Starts one runner with its descriptors in the places that the protocol names.
struct RunnerLauncher {
    /// A runner that was started, and the numbers under which it knows its files.
    struct Launched {
        let child: RunnerChild
        let streams: [(number: Int32, size: Int)]
        let resources: [(name: String, number: Int32, size: Int)]
        let relay: Int32?
        let regions: SharedRegions
    }

    /// Nothing of the host's own. A Swift plugin that crashes must die by its own signal, not while the Swift run time
    /// tries to start a backtracer, which the sandbox forbids.
    private static let environment = ["LANG=C.UTF-8", "SWIFT_BACKTRACE=enable=no"]

    static let socketNumber: Int32 = 3
    static let libraryNumber: Int32 = 4
    static let firstFileNumber: Int32 = 5

    /// - Throws: `runner.missing` when the program cannot be started, `file.failed` for a system call that fails.
    static func launch(
        _ verified: VerifiedPlugin, manifest: PluginManifest, streams: [SourceStream.Opened],
        relay: RelayChannel? = nil, settings: RunnerSettings
    ) throws(SluiceError) -> Launched {
        let socket = try DescriptorPair.socket()
        let pipe = try DescriptorPair.pipe()
        var inherited: [(file: Descriptor, number: Int32)] = [
            (pipe.writer, 2), (socket.runner, socketNumber), (verified.library, libraryNumber),
        ]
        var next = firstFileNumber
        var streamPlaces: [(number: Int32, size: Int)] = []
        for stream in streams {
            inherited.append((stream.file, next))
            streamPlaces.append((next, stream.size))
            next += 1
        }
        var resourcePlaces: [(name: String, number: Int32, size: Int)] = []
        for resource in verified.resources {
            inherited.append((resource.file, next))
            resourcePlaces.append((resource.name, next, resource.size))
            next += 1
        }
        var relayPlace: Int32?
        if let relay {
            inherited.append((relay.connection, next))
            relayPlace = next
            next += 1
        }
        var regions = try SharedRegions(for: manifest.kind)
        inherited += regions.place(from: &next)
        // Copies above every number that the child will use: no dup2 can then overwrite a later one's source.
        var copies: [Descriptor] = []
        var places: [(host: Int32, child: Int32)] = []
        for (file, number) in inherited {
            let copy = try file.duplicate(above: next)
            copies.append(copy)
            places.append((copy.number, number))
        }
        let order = Spawner.Order(
            program: settings.runnerPath,
            arguments: settings.arguments(
                limits: manifest.limits, libraries: verified.closure.dependenciesFirst, highestDescriptor: next - 1,
                shared: regions.byteCount) + arguments(manifest.language, relay, at: relayPlace),
            environment: environment, descriptors: places)
        let outcome = withExtendedLifetime(copies) { Spawner.shared.start(order) }
        switch outcome {
        case .refused(let number):
            throw SluiceError(
                .runnerMissing, "\(settings.runnerPath) cannot be started: \(String(cString: strerror(number))).")
        case .started(let pid):
            return Launched(
                child: RunnerChild(pid: pid, socket: socket.host, standardError: pipe.reader), streams: streamPlaces,
                resources: resourcePlaces, relay: relayPlace, regions: regions)
        }
    }

    private static func arguments(
        _ language: PluginLanguage, _ relay: RelayChannel?, at place: Int32?
    ) -> [String] {
        var arguments = ["--calls", language.rawValue]
        if let place { arguments += ["--relay", String(place)] }
        if let readable = relay?.readable { arguments += ["--readable", readable] }
        return arguments
    }
}
