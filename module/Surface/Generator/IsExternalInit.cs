namespace System.Runtime.CompilerServices;

/// <summary>What the compiler asks for where there are records; the framework that analyzers are written for lacks it.</summary>
internal static class IsExternalInit;
