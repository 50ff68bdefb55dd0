"""Codecs: conversion between Python and AssemblyScript values, one for each kind of descriptor."""
