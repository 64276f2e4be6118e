/// The protocol of Ollama.
public enum Ollama {}
